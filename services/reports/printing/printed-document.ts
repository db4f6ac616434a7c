/** What is printed: a report as its reader sees it, in their language, without anything of how it is laid out. Text is text: nothing in it is markup. */
export interface PrintedDocument {
  /** On each page, so that pages which fell apart are put together. */
  id: string
  /** BCP 47. One of the house's languages, with or without a region. */
  language: string
  title: string
  /** From 1. */
  version: number
  about: { name: string; born?: string | undefined; facts?: readonly Term[] }
  issued: { at: Date; zone: string; by: readonly string[]; organisation?: readonly string[] | undefined }
  /** Of a version that is not the first: why there is one, and since when. */
  amends?: { reason: string; at: Date } | undefined
  /** Over the top of each page: what makes it less than it seems. */
  warnings?: readonly Warning[]
  sections: readonly Section[]
  /** Each a line: who signed, and when. */
  signed?: readonly string[]
  code?: Code | undefined
}

export interface Warning {
  title: string
  text?: string | undefined
}

export interface Section {
  heading: string
  /** BCP 47: of what somebody wrote, where it is another one than the document's. */
  language?: string
  /** What must not be overlooked: allergies, warnings. */
  isWarning?: boolean
  blocks: readonly Block[]
}

export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'terms'; terms: readonly Term[] }
  /** The first column says what the row is. */
  | { kind: 'table'; columns: readonly string[]; rows: readonly (readonly string[])[] }
  /** That there is nothing, in words. */
  | { kind: 'none'; text: string }

export interface Term {
  term: string
  value: string
}

/** A QR code. */
export interface Code {
  /** What it holds; of a SMART Health Card `shc:/` and figures. */
  data: string
  /** For whoever does not see it. */
  alt: string
  /** Beside it: what it is for. */
  caption: string
}

export const papers = ['a4', 'a5', 'receipt'] as const
/** `receipt`: a roll of 58 mm. */
export type Paper = (typeof papers)[number]
