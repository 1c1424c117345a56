/** A dialog over a page, open for as long as it is drawn: once it is closed, what had the focus gets it back. */
import { Modal, type ModalProps } from '@shopify/polaris'
import { type ReactNode, useEffect, useState } from 'react'
import { isNowhere } from './focus.ts'

type Props = Pick<ModalProps, 'primaryAction' | 'secondaryActions' | 'size' | 'onClose'> & {
  title: string
  children: ReactNode
}

export function Dialog({ children, ...props }: Props) {
  useFocusBack()
  return (
    <Modal open {...props}>
      <Modal.Section>{children}</Modal.Section>
    </Modal>
  )
}

/** Polaris gives the focus back to an `activator` alone, which it would have to draw itself. */
function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement)
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
