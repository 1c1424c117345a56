/**
 * What the server answers; where it cannot be asked, or fails, `otherwise`: the page then stays as it is, with all that was typed, and
 * says so where it was asked for.
 * @throws Response: a redirect, such as to where one signs in
 */
export async function answeredOr<A, B>(asked: Promise<A>, otherwise: B): Promise<A | B> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Response && error.status < 400) throw error
    return otherwise
  }
}
