/** Where the keyboard is. */
import type { Frame, Page } from 'playwright-core'

/** @returns the label of a field that has the focus, or else the text of what has it; '' where nothing does: the body, which has it then, has the text of all */
export const focused = (where: Frame | Page): Promise<string> =>
  where.evaluate(() => {
    const { activeElement, body } = document
    if (activeElement instanceof HTMLInputElement) return activeElement.labels?.[0]?.textContent ?? ''
    return activeElement === body ? '' : (activeElement?.textContent ?? '')
  })
