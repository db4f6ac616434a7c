import { checkDocument } from './document.ts'
import { checkedType } from './media-type.ts'
import { asKept } from './picture.ts'

/** Of pictures only the points are kept; a PDF as it is, where it does nothing by itself. */
export async function checkedFile(given: Buffer, header: string): Promise<{ content: Buffer; type: string }> {
  if (!header.startsWith('application/pdf')) return asKept(given, header)
  const type = await checkedType(given, header)
  await checkDocument(given)
  return { content: given, type }
}
