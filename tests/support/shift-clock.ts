/** Loaded before a server process in tests: its clock is wrong by SHIFT_CLOCK_MS, as a node's may be. */
const shift = Number(process.env.SHIFT_CLOCK_MS ?? 0)

globalThis.Date = new Proxy(Date, {
  construct: (real, given) => Reflect.construct(real, given.length > 0 ? given : [real.now() + shift]),
  get: (real, name) => (name === 'now' ? () => real.now() + shift : Reflect.get(real, name)),
})
