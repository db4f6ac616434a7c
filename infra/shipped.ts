/** Folders whose code runs in production: the image, the package and a rehearsed release are made of them. */
export const shippedFolders = ['commands', 'platform', 'fhir', 'services', 'demo'] as const

export const shippedFiles = ['main.ts', 'rooms.ts', 'services.ts'] as const
