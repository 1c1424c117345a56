/** A merchant connects a tool; in the support console, in the command line and in code it is a vendor. */
export function vendorWords(sentence: string): string {
  return sentence.replaceAll(
    /(?<!\{)\b([Tt])ool(s?)\b/g,
    (_word, first, many) => `${first === 'T' ? 'V' : 'v'}endor${many}`,
  )
}

/** After a first colon or bracket a stored sentence quotes, up to what is ours again. */
const QUOTING = /^(.*?)(?:( \(|: )(.*?)(\. Check them in the tool’s settings\.)?)?$/s

/** The same of a sentence that is stored and may quote a vendor or name a field: those words stay as they are. */
export function vendorWordsAround(stored: string): string {
  const [, before = '', mark = '', quoted = '', after = ''] = QUOTING.exec(stored) ?? []
  return vendorWords(before) + mark + quoted + vendorWords(after)
}

/** What a merchant is told to do, which the console has nothing for: support reads whose it is, and what else does it. */
const OWN: readonly (readonly [merchants: RegExp, supports: string])[] = [
  [
    /\. Switch it on to send what waits\.$/,
    '. What waits is sent once the merchant switches it on (or “sluice vendor on”).',
  ],
  [
    /\. Once it is installed again, test the connection to send what waits\.$/,
    '. What waits is sent once the merchant has installed it again and tested the connection.',
  ],
  [
    /\. Correct them, and what waits goes out\.$/,
    '. Once the merchant has corrected them, what waits goes out.',
  ],
  [/, and check (?=its region or address)/, ', and the merchant can check '],
  [/ check that your (.+)$/, ' the merchant can check that their $1'],
  [/^Your (?=\w+ plan)/, 'The merchant’s '],
  [/ with your (?=lists\. )/, ' with the merchant’s '],
  [/ holds your (?=catalogue\.$)/, ' holds the merchant’s '],
]
/** The last sentence, where it says what to do. */
const TO_DO = /(?<=[.)] )(Check|Enter|Give|Make|Paste|Raise|Send|Take|Try)(?= [^.]*\.$)/
const CAN = ['Send', 'Try']

/** A sentence that is stored, as support reads it: vendors for tools, and what is the merchant's to do told as that. */
export function supportWords(stored: string): string {
  const own = OWN.reduce(
    (said, [merchants, supports]) => said.replace(merchants, supports),
    vendorWordsAround(stored),
  )
  return own.replace(
    TO_DO,
    verb => `The merchant ${CAN.includes(verb) ? 'can' : 'has to'} ${verb.toLowerCase()}`,
  )
}
