import type { Config } from '#platform/config.ts'

/** Bytes that the files of one app may take. */
export const roomFor = ({ EXPORT_GB_PER_APP }: Pick<Config, 'EXPORT_GB_PER_APP'>): number => EXPORT_GB_PER_APP * 1e9
