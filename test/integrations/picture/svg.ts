interface TextStyle {
  readonly size?: number;
  readonly fill?: string;
  readonly weight?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export const INK = '#24292e';
const FAINT_INK = '#5f6873';

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 10, fill = FAINT_INK, weight = 400, anchor = 'start' } = style;
  const attributes = [
    `x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"`,
    ...(weight === 400 ? [] : [`font-weight="${weight}"`]),
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
  ];
  return `<text ${attributes.join(' ')}>${escaped(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1, dashes = ''): string {
  const [from, to] = [`x1="${round(x1)}" y1="${round(y1)}"`, `x2="${round(x2)}" y2="${round(y2)}"`];
  const style = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
  return `<line ${from} ${to} stroke="${stroke}" stroke-width="${width}"${style}/>`;
}

/** Estimates the width of text in common sans-serif fonts. */
export function widthOf(content: string, size = 10): number {
  return content.length * size * 0.58;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
