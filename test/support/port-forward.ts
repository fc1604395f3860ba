import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** The GUID of RFC 6455, section 1.3. */
const WEB_SOCKET_ID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const DATA_CHANNEL = 0;
const ERROR_CHANNEL = 1;
const CLOSE_OPCODE = 8;

/** The result of a port-forward: a local port, a kubelet error, or a refused upgrade. */
export type Forwarded = number | { readonly error: string } | { readonly refused: number };

/** Answers an upgrade request for `pods/portforward` like the API server, over WebSocket (`v4.channel.k8s.io`). */
export function forwardPort(request: IncomingMessage, socket: Duplex, forwarded: Forwarded): void {
  // Clients reset the connection when they are done.
  socket.on('error', () => {});
  if (typeof forwarded === 'object' && 'refused' in forwarded) {
    socket.end(`HTTP/1.1 ${forwarded.refused} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    return;
  }
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${WEB_SOCKET_ID}`).digest('base64');
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      'Sec-WebSocket-Protocol: v4.channel.k8s.io',
      '\r\n',
    ].join('\r\n'),
  );
  const port = Buffer.alloc(2);
  port.writeUInt16LE(Number(new URL(request.url ?? '', 'https://localhost').searchParams.get('ports')));
  for (const channel of [DATA_CHANNEL, ERROR_CHANNEL]) socket.write(frame(channel, port));
  const pod = typeof forwarded === 'number' ? connect(forwarded, '127.0.0.1') : undefined;
  if (typeof forwarded === 'object') socket.write(frame(ERROR_CHANNEL, Buffer.from(forwarded.error)));
  pod?.on('data', (data) => socket.write(frame(DATA_CHANNEL, data)));
  pod?.on('error', (error) => socket.write(frame(ERROR_CHANNEL, Buffer.from(error.message))));
  pod?.on('close', () => socket.end());
  socket.on('close', () => pod?.destroy());
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (let parsed = parse(rest); parsed; parsed = parse(rest)) {
      rest = parsed.rest;
      if (parsed.opcode === CLOSE_OPCODE) socket.end(Buffer.from([0x80 | CLOSE_OPCODE, 0]));
      else pod?.write(parsed.payload.subarray(1));
    }
  });
}

/** A binary message in one frame. Frames from a server are not masked. */
function frame(channel: number, data: Buffer): Buffer {
  const payload = Buffer.concat([Buffer.from([channel]), data]);
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 4 : 2);
  head.writeUInt8(0x82);
  head.writeUInt8(long ? 126 : payload.length, 1);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** The first frame from a client (clients mask all frames); undefined while it is incomplete. */
function parse(data: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (data.length < 2) return undefined;
  const short = data.readUInt8(1) & 0x7f;
  const maskAt = short === 126 ? 4 : 2;
  if (data.length < maskAt + 4) return undefined;
  const length = short === 126 ? data.readUInt16BE(2) : short;
  const end = maskAt + 4 + length;
  if (data.length < end) return undefined;
  const mask = data.subarray(maskAt, maskAt + 4);
  const payload = Buffer.from(data.subarray(maskAt + 4, end).map((byte, index) => byte ^ Number(mask[index % 4])));
  return { opcode: data.readUInt8(0) & 0x0f, payload, rest: data.subarray(end) };
}
