import { asking, type Rows, readers } from './row.ts'

export const carePlans: Record<string, Rows> = {
  listCarePlans: asking(({ saba }) => ({ params: { id: saba } }), readers),
}
