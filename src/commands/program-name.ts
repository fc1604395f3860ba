import { basename } from 'node:path';

const NAME = 'gateway-name-webhook';

/** How a user calls the program, by the path of its script: by its name, or as the plugin that kubectl finds as kubectl-gateway_name. */
export function programName(script: string): string {
  return basename(script).startsWith('kubectl-gateway_name') ? 'kubectl gateway-name' : NAME;
}

/** Texts call the program by its name: returns what the user would have to type. */
export function asCalled(text: string, program: string): string {
  return text.replaceAll(/(?<![\w/.-])gateway-name-webhook(?= [a-z])/g, program);
}
