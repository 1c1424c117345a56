/** A dialog over a page, open for as long as it is drawn: once it is closed, what had the focus gets it back. */
import { Modal, type ModalProps } from '@shopify/polaris'
import { type ReactNode, useEffect, useState } from 'react'
import { isNowhere, lastPressed } from './focus.ts'

type Props = Pick<ModalProps, 'primaryAction' | 'secondaryActions' | 'size' | 'onClose'> & {
  title: string
  children: ReactNode
}

export function Dialog({ children, ...props }: Props) {
  useFocusBack()
  // What had it may be gone after a step, such as the button that was pressed.
  useEffect(() => {
    if (isNowhere()) document.querySelector<HTMLElement>('[role="dialog"]')?.focus()
  })
  return (
    <Modal open {...props}>
      <Modal.Section>{children}</Modal.Section>
    </Modal>
  )
}

/** Polaris gives the focus back to an `activator` alone, which it would have to draw itself; and takes it from a button that a mouse has pressed. */
function useFocusBack(): void {
  const [opener] = useState(() => (isNowhere() ? lastPressed() : document.activeElement))
  useEffect(
    () => () => {
      // The dialog's own trap lets go of the focus first.
      requestAnimationFrame(() => {
        if (opener instanceof HTMLElement && opener.isConnected && isNowhere()) opener.focus()
      })
    },
    [opener],
  )
}
