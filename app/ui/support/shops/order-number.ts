/** Telling an order's number from a shop's name, as both are typed into one field. */

const NUMBER = /^#|^[^\s.]*\d{3,}[^\s.]*$/
/** Shopify's id of an order, by which none is looked for over all shops: that nothing was found says nothing of it. */
const ID = /^#?\d{9,}$/
/** Whether a text is most likely an order's number: where none is found by it, none was received. */
export const isOrderNumber = (text: string) => NUMBER.test(text) && !ID.test(text)
