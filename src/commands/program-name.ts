import { basename } from 'node:path';

const NAME = 'gateway-name-webhook';

/** Returns how the user calls the program, by the path of its script: by its name, or as the kubectl plugin kubectl-gateway_name. */
export function programName(script: string): string {
  return basename(script).startsWith('kubectl-gateway_name') ? 'kubectl gateway-name' : NAME;
}

/** Replaces the program's name in a text with what the user has to type. */
export function asCalled(text: string, program: string): string {
  return text.replaceAll(/(?<![\w/.-])gateway-name-webhook(?= [a-z])/g, program);
}
