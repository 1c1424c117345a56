/** In which order test files are run. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those of the whole before those of parts: they take longest, and one that is begun last keeps all but one core waiting. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const [whole, parts] = [true, false].map(isWhole =>
      files.filter(({ moduleId }) => moduleId.includes('/tests/') === isWhole),
    )
    return [...(await super.sort(whole ?? [])), ...(await super.sort(parts ?? []))]
  }
}
