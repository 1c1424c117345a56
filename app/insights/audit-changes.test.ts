import { describe, expect, it } from 'vitest'
import { changesOf } from './audit-changes.ts'

describe('changesOf', () => {
  it.each([
    [null, null, []],
    [{ on: true }, { on: false }, [{ field: 'on', from: 'true', to: 'false' }]],
    [{ on: true, kept: 1 }, { on: true, kept: 2 }, [{ field: 'kept', from: '1', to: '2' }]],
    [null, { reason: 'x', until: null }, [{ field: 'reason', from: null, to: 'x' }]],
    [{ reason: 'x' }, null, [{ field: 'reason', from: 'x', to: null }]],
    [null, { a: { b: { c: { d: 1 } } } }, [{ field: 'a.b.c', from: null, to: '{"d":1}' }]],
    [null, ['a', 'b'], [{ field: '', from: null, to: 'a, b' }]],
    [null, { states: [], shops: null }, []],
    [null, [{ a: 1 }], [{ field: '', from: null, to: '[{"a":1}]' }]],
    ['admin', 'viewer', [{ field: '', from: 'admin', to: 'viewer' }]],
  ])('of %j and %j', (before, after, expected) => {
    expect(changesOf(before, after)).toEqual(expected)
  })
})
