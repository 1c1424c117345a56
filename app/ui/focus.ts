/** Whoever works by keyboard keeps their place: what is to be corrected or goes on gets the focus. */

/** Whether what had the focus is there no more. */
export const isNowhere = () => document.activeElement === null || document.activeElement === document.body

let pressed: Element | null = null
if (typeof document !== 'undefined')
  document.addEventListener(
    'click',
    ({ target }) => {
      pressed = target instanceof Element ? target.closest('button, a') : null
    },
    { capture: true },
  )

/** The button or link that was pressed last, by whatever means; null: it was something else. */
export const lastPressed = (): Element | null => pressed

/** @returns whether there is a field with a problem, which then has the focus */
export function focusFirstProblem(form: HTMLElement | null): boolean {
  const marked = form?.querySelector<HTMLElement>('[aria-invalid="true"]')
  const field = marked?.matches('fieldset') ? marked.querySelector<HTMLElement>('input') : marked
  field?.focus()
  return Boolean(field)
}

/** Focuses the banner that stands in a part of a page: it can be reached by keyboard by itself, so what holds it need not be. */
export const focusBanner = (place: HTMLElement | null, options?: FocusOptions) =>
  place?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(options)

/** Focuses a field by the id that it is drawn with. */
export const focusField = (id: string) => document.getElementById(id)?.focus()

/** Focuses the button that bears the text, if it is seen: of an action, Polaris draws a copy to measure it first. */
export function focusButton(text: string): void {
  const buttons = [...document.querySelectorAll('button')].filter(({ textContent }) => textContent === text)
  buttons.at(-1)?.focus({ preventScroll: true })
}
