/** Notices changes of the cart in what the theme does, and changes nothing about it. */
import { cartChanged } from './cart.ts'
import { safely } from './safely.ts'

const CHANGES_CART = /\/cart\/(add|change|update|clear)\b/

/** Looks at the cart once `answer` is there, if it is one to such a request; one that failed changed nothing. */
const watch = safely(async ([input]: Parameters<typeof fetch>, answer: unknown) => {
  if (!CHANGES_CART.test((input as Request).url ?? input)) return
  await answer
  cartChanged()
})

export function watchRequests(): void {
  const { fetch } = window
  window.fetch = (...args) => {
    const answer = fetch(...args)
    watch(args, answer)
    return answer
  }

  const { open } = XMLHttpRequest.prototype
  XMLHttpRequest.prototype.open = function (...args: unknown[]) {
    if (CHANGES_CART.test(args[1] as string)) this.addEventListener('loadend', cartChanged)
    return open.apply(this, args as Parameters<typeof open>)
  }
}
