// Units of medicine by their case-sensitive symbols (ucum.org/ucum), each as so many of others; the arithmetic is in ucum.ts.

/** Those that all others come to. The amount of substance stays one: how much a mole weighs depends on what it is of. */
export const baseUnits = ['m', 's', 'g', 'rad', 'K', 'C', 'cd', 'mol']

/** Powers of ten. */
export const prefixes: Readonly<Record<string, number>> = {
  ...{ Y: 1e24, Z: 1e21, E: 1e18, P: 1e15, T: 1e12, G: 1e9, M: 1e6, k: 1e3, h: 100, da: 10 },
  ...{ d: 0.1, c: 0.01, m: 1e-3, u: 1e-6, n: 1e-9, p: 1e-12, f: 1e-15, a: 1e-18, z: 1e-21, y: 1e-24 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
}

/** Take prefixes. */
export const metricUnits: Readonly<Record<string, readonly [factor: number, unit: string]>> = {
  ...{ Hz: [1, 's-1'], N: [1, 'kg.m/s2'], Pa: [1, 'N/m2'], J: [1, 'N.m'], W: [1, 'J/s'], A: [1, 'C/s'], V: [1, 'J/C'] },
  ...{ F: [1, 'C/V'], Ohm: [1, 'V/A'], S: [1, 'A/V'], Wb: [1, 'V.s'], T: [1, 'Wb/m2'], H: [1, 'Wb/A'] },
  ...{ lm: [1, 'cd.rad2'], lx: [1, 'lm/m2'], sr: [1, 'rad2'], Bq: [1, 's-1'], Gy: [1, 'J/kg'], Sv: [1, 'J/kg'] },
  ...{ L: [1, 'dm3'], l: [1, 'dm3'], ar: [100, 'm2'], t: [1000, 'kg'], bar: [1e5, 'Pa'], u: [1.6605402e-24, 'g'] },
  ...{ eV: [1.60217733e-19, 'J'], pc: [3.085678e16, 'm'], st: [1, 'm3'], By: [8, 'bit'], Bd: [1, 's-1'] },
  ...{ eq: [1, 'mol'], osm: [1, 'mol'], kat: [1, 'mol/s'], U: [1 / 60, 'umol/s'], 'g%': [1, 'g/dL'] },
  ...{ 'm[Hg]': [133.322, 'kPa'], 'm[H2O]': [9.80665, 'kPa'], '[iU]': [1, '[iU]'], '[IU]': [1, '[iU]'] },
  ...{ cal: [4.184, 'J'], cal_th: [4.184, 'J'], cal_IT: [4.1868, 'J'], 'cal_[15]': [4.1858, 'J'] },
  ...{
    dyn: [1, 'g.cm/s2'],
    erg: [1, 'dyn.cm'],
    P: [1, 'dyn.s/cm2'],
    St: [1, 'cm2/s'],
    G: [1e-4, 'T'],
    Mx: [1e-8, 'Wb'],
  },
  ...{ Gal: [1, 'cm/s2'], Ci: [3.7e10, 'Bq'], R: [2.58e-4, 'C/kg'], RAD: [0.01, 'Gy'], REM: [0.01, 'Sv'] },
  ...{ gf: [9.80665, 'g.m/s2'], '[g]': [9.80665, 'm/s2'], tex: [1, 'g/km'] },
}

/** Take none. */
export const otherUnits: Readonly<Record<string, readonly [factor: number, unit: string]>> = {
  ...{ '10*': [10, '1'], '10^': [10, '1'], '%': [0.01, '1'], '[pi]': [Math.PI, '1'] },
  ...{ '[ppth]': [1e-3, '1'], '[ppm]': [1e-6, '1'], '[ppb]': [1e-9, '1'], '[pptr]': [1e-12, '1'] },
  ...{ min: [60, 's'], h: [3600, 's'], d: [24, 'h'], wk: [7, 'd'] },
  ...{ a: [365.25, 'd'], a_j: [365.25, 'd'], a_t: [365.24219, 'd'], a_g: [365.2425, 'd'] },
  ...{ mo: [30.4375, 'd'], mo_j: [30.4375, 'd'], mo_g: [30.436875, 'd'], mo_s: [29.53059, 'd'] },
  ...{
    deg: [Math.PI / 180, 'rad'],
    "'": [1 / 60, 'deg'],
    "''": [1 / 3600, 'deg'],
    gon: [0.9, 'deg'],
    circ: [360, 'deg'],
  },
  ...{ atm: [101_325, 'Pa'], att: [98_066.5, 'Pa'], Ao: [0.1, 'nm'], b: [100, 'fm2'], '[S]': [1e-13, 's'] },
  ...{
    '[psi]': [6894.757293168, 'Pa'],
    '[lbf_av]': [4.4482216152605, 'N'],
    '[Cal]': [4184, 'J'],
    '[degR]': [5 / 9, 'K'],
  },
  ...{ '[in_i]': [2.54, 'cm'], '[ft_i]': [12, '[in_i]'], '[yd_i]': [3, '[ft_i]'], '[mi_i]': [5280, '[ft_i]'] },
  ...{
    '[in_us]': [100 / 39.37, 'cm'],
    '[ft_us]': [12, '[in_us]'],
    '[yd_us]': [3, '[ft_us]'],
    '[mi_us]': [5280, '[ft_us]'],
  },
  ...{ '[nmi_i]': [1852, 'm'], '[kn_i]': [1852, 'm/h'], '[mil_i]': [0.001, '[in_i]'], '[Ch]': [1 / 3, 'mm'] },
  ...{ '[sin_i]': [1, '[in_i]2'], '[sft_i]': [1, '[ft_i]2'], '[cin_i]': [1, '[in_i]3'], '[cft_i]': [1, '[ft_i]3'] },
  ...{
    '[gr]': [64.79891, 'mg'],
    '[lb_av]': [7000, '[gr]'],
    '[oz_av]': [1 / 16, '[lb_av]'],
    '[dr_av]': [1 / 16, '[oz_av]'],
  },
  ...{ '[stone_av]': [14, '[lb_av]'], '[ston_av]': [2000, '[lb_av]'], '[lton_av]': [2240, '[lb_av]'] },
  ...{ '[oz_tr]': [480, '[gr]'], '[lb_tr]': [12, '[oz_tr]'], '[sc_ap]': [20, '[gr]'], '[dr_ap]': [60, '[gr]'] },
  ...{ '[oz_ap]': [480, '[gr]'], '[lb_ap]': [12, '[oz_ap]'], '[car_m]': [0.2, 'g'] },
  ...{ '[gal_us]': [231, '[in_i]3'], '[qt_us]': [1 / 4, '[gal_us]'], '[pt_us]': [1 / 8, '[gal_us]'] },
  ...{ '[cup_us]': [1 / 16, '[gal_us]'], '[foz_us]': [1 / 128, '[gal_us]'], '[tbs_us]': [1 / 2, '[foz_us]'] },
  ...{ '[tsp_us]': [1 / 6, '[foz_us]'], '[fdr_us]': [1 / 8, '[foz_us]'], '[drp]': [0.05, 'mL'] },
  ...{ '[foz_m]': [30, 'mL'], '[cup_m]': [240, 'mL'], '[tsp_m]': [5, 'mL'], '[tbs_m]': [15, 'mL'] },
  ...{ '[gal_br]': [4.54609, 'L'], '[pt_br]': [1 / 8, '[gal_br]'], '[foz_br]': [1 / 160, '[gal_br]'] },
  ...{
    '[diop]': [1, 'm-1'],
    '[MET]': [3.5, 'mL/min/kg'],
    '[PRU]': [1, 'mm[Hg].s/mL'],
    "[wood'U]": [1, 'mm[Hg].min/L'],
  },
}

/** Of a procedure alone, so that they are comparable to nothing but themselves. [HPF] and [LPF] are fields of a microscope, which counts are told by. */
export const arbitraryUnits = [
  ...[
    'bit',
    '[iU]',
    '[HPF]',
    '[LPF]',
    "[arb'U]",
    "[USP'U]",
    "[GPL'U]",
    "[MPL'U]",
    "[APL'U]",
    "[beth'U]",
    "[anti'Xa'U]",
  ],
  ...["[todd'U]", "[dye'U]", "[smgy'U]", "[bdsk'U]", "[ka'U]", "[knk'U]", "[mclg'U]", "[tb'U]", "[D'ag'U]"],
  ...[
    "[Amb'a'1'U]",
    "[hnsf'U]",
    '[CCID_50]',
    '[TCID_50]',
    '[EID_50]',
    '[PFU]',
    '[FFU]',
    '[CFU]',
    '[IR]',
    '[BAU]',
    '[AU]',
  ],
  ...['[PNU]', '[Lf]', '[ELU]', '[EU]', '[hp_X]', '[hp_C]', '[hp_M]', '[kp_C]', "[p'diop]"],
]

/** Whose zero is elsewhere: kelvins of a number, and only by themselves. */
export const shiftedUnits: Readonly<Record<string, (value: number) => number>> = {
  Cel: (value) => value + 273.15,
  '[degF]': (value) => ((value + 459.67) * 5) / 9,
}
