import { describe, expect, it } from 'vitest'
import { answer } from '../testing.ts'
import type { Json } from '../vendor.ts'
import { lists } from './connection.ts'

const GIVEN = { apiKey: 'a-key' }

describe('the lists of the account', () => {
  it('are asked for with the key alone', () => {
    expect(lists.request({ apiKey: ' a-key ', listId: 'nonsense' })).toEqual({
      method: 'GET',
      url: 'https://api2.ecomailapp.cz/lists',
      headers: { key: 'a-key', 'Content-Type': 'application/json' },
    })
  })

  it.each([{}, { apiKey: '' }, { apiKey: 'two words' }, { apiKey: 7 }])(
    'are not asked for with %j',
    given => {
      expect(lists.request(given)).toBeNull()
    },
  )

  it('are offered by their names and numbers; what is no list is left out', () => {
    const body: Json = [{ id: 1, name: 'Newsletter' }, { id: '2' }, null, { name: 'Nameless' }, 'x']
    expect(lists.read(answer(200, body), GIVEN)).toEqual({
      offered: [
        { value: '1', label: 'Newsletter (1)' },
        { value: '2', label: '2' },
      ],
    })
  })

  it.each([
    ['a key that is not known', answer(401, { message: 'Wrong api key' })],
    ['no array', answer(200, { lists: [] })],
    ['an error', answer(500)],
  ])('say what is wrong after %s', (_, given) => {
    expect(lists.read(given, GIVEN)).toMatchObject({ merchant: expect.stringMatching(/Ecomail/) })
  })
})
