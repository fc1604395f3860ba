import type { GatewayReference } from '../../objects/gateway-reference.ts';
import { BadUsage } from '../options/bad-usage.ts';
import { parseNamespacedName, parseObjectName } from '../options/names.ts';

/** Parses a Gateway's name, or its namespace and name. Throws BadUsage for anything else. */
export function parseGateway(text: string): GatewayReference {
  if (parseObjectName(text)) return { name: text };
  const gateway = parseNamespacedName(text);
  if (!gateway)
    throw new BadUsage(`The Gateway is "${text}", expected a name, or a namespace and a name, such as eg or shop/eg`);
  return gateway;
}
