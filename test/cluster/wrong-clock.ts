// Preloaded by a process of the webhook whose clock is to be wrong, by so many ms: that of its JavaScript, OpenSSL's is right.
// SIGWINCH, which nobody else minds, sets it right, and wrong again.
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
