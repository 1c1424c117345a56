/** Text as HTML shows it, in elements and in attributes. */
export const escaped = (text: string) =>
  text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
