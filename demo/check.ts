import { generate, FULL } from './generate.ts'
const specs=Array.from({length:40},(_,i)=>'s'+i)
let t=performance.now()
const c=generate('2031-03-01',FULL,specs)
console.log(performance.now()-t, Object.fromEntries(Object.entries(c).map(([k,v])=>[k,Array.isArray(v)?v.length:v])))
