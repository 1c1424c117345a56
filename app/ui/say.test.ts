import { describe, expect, it } from 'vitest'
import { sayer } from './say.ts'

const say = sayer({
  'API key': 'Klíč API',
  'It is done.': 'Hotovo.',
  analytics: 'analytika',
  '{{name}} is needed': '{{name}}: je potřeba',
  '{{name}} refused{{said}}.': '{{name}} odmítl{{said}}.',
  '{{name}} refused{{said}}. Check it.': '{{name}} odmítl{{said}}. Zkontrolujte to.',
  '{{why}}. Wait {{seconds}} s.': '{{why}}. Počkejte {{seconds}} s.',
  '{{name}} is busy': '{{name}} má práci',
  'Costs ({{amount}}) $1.': 'Stojí ({{amount}}) $1.',
})

describe('what the server built in English', () => {
  it.each([
    ['API key', 'Klíč API'],
    ['API key is needed', 'Klíč API: je potřeba'],
    ['Tool refused.', 'Tool odmítl.'],
    ['Tool refused: no $& such. Thing.', 'Tool odmítl: no $& such. Thing.'],
    ['Tool refused: no. Check it.', 'Tool odmítl: no. Zkontrolujte to.'],
    ['Tool is busy. Wait 5 s.', 'Tool má práci. Počkejte 5 s.'],
    ['It is done. (total)', 'Hotovo. (total)'],
    ['It is done. (analytics, total)', 'Hotovo. (analytika, total)'],
    ['Costs (5) $1.', 'Stojí (5) $1.'],
    ['Never heard of.', 'Never heard of.'],
    ['constructor', 'constructor'],
    ['', ''],
  ])('%j is said as %j', (english, said) => {
    expect(say(english)).toBe(said)
  })
})
