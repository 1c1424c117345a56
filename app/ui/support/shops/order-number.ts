/** Telling an order's number from a shop's name, as both are typed into one field. */

const NUMBER = /^#.|^(order\s+)?[^\s.]*\d{3,}[^\s.]*$/i
/** Shopify's id of an order, by which none is looked for over all shops: that nothing was found says nothing of it. */
const ID = /^(order\s+)?#?\d{9,}$/i
/** Whether a text is most likely an order's number: where none is found by it, none was received. */
export const isOrderNumber = (text: string) => NUMBER.test(text) && !ID.test(text)
