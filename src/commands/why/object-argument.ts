import { KINDS, type Kind } from '../../admission/gateway.ts';
import { BadUsage } from '../options/bad-usage.ts';
import { parseObjectName } from '../options/names.ts';

const SHORT_NAMES: Readonly<Record<Kind, string>> = { ServiceAccount: 'sa', Pod: 'po', Service: 'svc' };

/** Parses `KIND/NAME` as kubectl takes it: `pod/a`, `pods/a`, `po/a`. Throws BadUsage for anything else. */
export function parseObject(text: string): { readonly kind: Kind; readonly name: string } {
  const [resource = '', name = '', ...rest] = text.split('/');
  const word = resource.toLowerCase();
  const kind = KINDS.find((kind) => [kind.toLowerCase(), `${kind.toLowerCase()}s`, SHORT_NAMES[kind]].includes(word));
  if (!kind || !parseObjectName(name) || rest.length > 0) {
    throw new BadUsage(`The object is "${text}", expected pod/NAME, service/NAME or serviceaccount/NAME`);
  }
  return { kind, name };
}
