import { expect, inject, test } from 'vitest';
import { rulesOf } from '../chart/rules.ts';
import { readPage } from '../support/pages.ts';

/** The alerts of the columns of the table in docs/runbooks.md, after those of when a certificate is renewed. */
const COLUMNS = [
  { column: 2, alert: 'GatewayNameWebhookCertificateExpiring' },
  { column: 3, alert: 'GatewayNameWebhookCertificateExpiresSoon' },
  { column: 5, alert: 'GatewayNameWebhookCAExpiring' },
  { column: 6, alert: 'GatewayNameWebhookCAExpiresSoon' },
];

/** Returns a threshold as the page rounds it. */
function shown(days: number): RegExp {
  const [count, unit] = days < 1 ? [Math.round(days * 24), 'hour'] : [days, 'day'];
  return new RegExp(`(?:^|, )${count} ${unit}s?$`);
}

test.skipIf(!inject('helm')).for(['self', 'cert-manager', 'provided'])(
  "docs/runbooks.md has the thresholds of the chart's alerts, in mode %s",
  async (mode) => {
    const rules = (await rulesOf(mode)).groups.flatMap((group) => group.rules);
    const [row = ''] = new RegExp(`^\\| \`${mode}\` \\|.*$`, 'm').exec(readPage('docs/runbooks.md').text) ?? [];
    const cells = row.split('|').slice(1, -1);
    for (const { column, alert } of COLUMNS) {
      const { expr = '' } = rules.find((rule) => rule.alert === alert) ?? {};
      const [, days] = /< ([\d.]+) \* 86400/.exec(expr) ?? [];
      expect(cells[column]?.trim()).toMatch(shown(Number(days)));
    }
  },
);
