import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { type Credentials, fixedKeys, handedOutKeys } from './aws-credentials.ts'
import type { Config, S3Settings } from './config.ts'
import { type Files, filesIn } from './files.ts'
import { filesInS3 } from './s3-files.ts'

type Log = Pick<FastifyBaseLogger, 'warn'>

/** A bucket where the settings name one, else a folder. */
export const openFiles = ({ s3, OPENHCS_HOME }: Pick<Config, 's3' | 'OPENHCS_HOME'>, log?: Log): Files =>
  s3 ? filesInS3({ ...s3, credentials: credentialsOf(s3, log) }) : filesIn(join(OPENHCS_HOME, 'files'))

const credentialsOf = ({ keys }: S3Settings, log: Log | undefined): Credentials =>
  'tokenFile' in keys
    ? handedOutKeys(keys, { log })
    : fixedKeys({ accessKeyId: keys.id, secretAccessKey: keys.secret.reveal() })
