/** The server under test serves the build: it is made before the first test, and by no test. */
import { ensureBuild } from '../../scripts/build.ts'

export default ensureBuild
