import { kubectl, kubectlJson } from '../e2e/program.ts';

/** A script for a Pod: connects and prints the outcome. If packets are dropped, there is no answer at all. */
const CONNECT = `
  import { connect } from 'node:net';
  const [host, port] = process.argv.slice(1);
  const socket = connect({ host, port, timeout: 3000 });
  const end = (said) => { console.log(said); process.exit(0); };
  socket.once('connect', () => end('passes')).once('timeout', () => end('cut')).once('error', ({ code }) => end(code));
`;

/** A script for a Pod: accepts connections on a port. */
export const LISTEN = `
  import { createServer } from 'node:net';
  createServer((socket) => socket.on('error', () => {}).end()).listen(Number(process.argv[1]));
`;

/** A Pod to connect from or to. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Returns the outcome of a connection from inside a Pod: `passes`, `cut`, or an error code. */
export async function reach({ namespace, name }: PodName, host: string, port: number): Promise<string> {
  const node = ['/nodejs/bin/node', '--input-type=module', '--eval', CONNECT, host, `${port}`];
  return (await kubectl(['exec', name, '--namespace', namespace, '--', ...node])).trim();
}

/** The address of a Pod. */
export async function addressOf({ namespace, name }: PodName): Promise<string> {
  const pod = await kubectlJson<{ status: { podIP: string } }>(['get', 'pod', name, '--namespace', namespace]);
  return pod.status.podIP;
}
