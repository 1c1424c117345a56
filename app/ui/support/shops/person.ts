/** What somebody types who looks for a person: all shops are not looked through for one, and no address of a page may name one. */

const EMAIL = /\S@\S+\.\S/
/** Whether a text is most likely a person's e-mail address. */
export const isEmail = (text: string) => EMAIL.test(text)

/** Says how a person is found. It has none of their address. */
export const PERSON_AT = `/support?${new URLSearchParams({ text: '@' })}`
