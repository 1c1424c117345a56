import { describeConformance } from '../conformance.ts'
import { topmail } from './index.ts'
import { samples } from './samples.ts'

describeConformance(topmail, samples)
