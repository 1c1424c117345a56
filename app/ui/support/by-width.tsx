import type { ReactNode } from 'react'

/** From here on there is room for a wide table beside the navigation. The browser decides: the server does not know its width. */
const WIDE = '64rem'
const styleOf = (name: string) => `.${name}-wide { display: none }
@media (min-width: ${WIDE}) { .${name}-wide { display: block } .${name}-narrow { display: none } }`

type Props = { name: string; wide: ReactNode; narrow: ReactNode }

/** The same in two shapes, of which one is shown. @param props.name what it is of, the beginning of its classes */
export function ByWidth({ name, wide, narrow }: Props) {
  return (
    <>
      <style>{styleOf(name)}</style>
      <div className={`${name}-wide`}>{wide}</div>
      <div className={`${name}-narrow`}>{narrow}</div>
    </>
  )
}
