import { request as get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isPublicAddress, mayBePublic, NOT_PUBLIC, publicLookup } from './public-network.ts'

describe('an address', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    'is public: %s',
    address => expect(isPublicAddress(address)).toBe(true),
  )

  it.each([
    ...['127.0.0.1', '127.255.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '0.0.0.0'],
    ...['169.254.169.254', '100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '203.0.113.9'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12::1'],
    ...['ff02::1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', '2001::1', 'localhost', ''],
  ])('is not public: %s', address => expect(isPublicAddress(address)).toBe(false))
})

describe('a URL', () => {
  it.each([
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
  ])('that is an address of a private network in disguise is known: %s', url =>
    expect(mayBePublic(new URL(url))).toBe(false),
  )

  it.each(['https://hooks.example.com/', 'https://8.8.8.8/', 'https://[2606:4700::1111]/'])(
    'may be public: %s',
    url => expect(mayBePublic(new URL(url))).toBe(true),
  )
})

describe('looking up', () => {
  const connect = (host: string) =>
    new Promise<string | undefined>(done => {
      get({ host, port: 9, lookup: publicLookup }).on('error', error =>
        done((error as NodeJS.ErrnoException).code),
      )
    })

  it('a name that leads to this machine ends the connection', async () => {
    expect(await connect('localhost')).toBe(NOT_PUBLIC)
  })

  it('a name that leads nowhere says so', async () => {
    expect(await connect('no-such-host.invalid')).toMatch(/ENOTFOUND|EAI_AGAIN/)
  })
})
