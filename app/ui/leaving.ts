import { useBlocker } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { useEffect } from 'react'

/** Whoever leaves the page with something unsaved is asked by Shopify's save bar. */
export function useLeaving(isChanged: boolean): void {
  const bridge = useAppBridge()
  const leaving = useBlocker(
    ({ currentLocation, nextLocation }) => isChanged && currentLocation.pathname !== nextLocation.pathname,
  )
  useEffect(() => {
    if (leaving.state === 'blocked') void bridge.saveBar.leaveConfirmation().then(() => leaving.proceed())
  }, [leaving, bridge])
}
