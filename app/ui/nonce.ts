import { createContext } from 'react'

/** What scripts within a page carry where its policy asks for it; known on the server only, and needed only there. */
export const Nonce = createContext<string | undefined>(undefined)
