import { describeConformance } from '../conformance.ts'
import { ecomail } from './index.ts'
import { samples } from './samples.ts'

describeConformance(ecomail, samples)
