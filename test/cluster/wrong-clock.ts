// Preloaded by a replica to make the clock of its JavaScript wrong; OpenSSL's clock stays correct. SIGWINCH, which has no other
// effect, corrects the clock and makes it wrong again.
const wrongByMs = Number(process.env['CLOCK_WRONG_BY_MS']);
let aheadMs = process.env['CLOCK_IS_WRONG'] === 'true' ? wrongByMs : 0;
process.on('SIGWINCH', () => {
  aheadMs = aheadMs === 0 ? wrongByMs : 0;
});

const now = () => RightDate.now() + aheadMs;
const RightDate = Date;
globalThis.Date = new Proxy(RightDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});
