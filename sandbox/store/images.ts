/** Pictures of the products, drawn as SVG, so that the store loads nothing from elsewhere. */
import type { Product } from './catalogue.ts'

const SHAPES: Record<Product['look']['shape'], (colour: string, dark: string) => string> = {
  lamp: (colour, dark) => `
    <path d="M150 118h100l34 92H116z" fill="${colour}"/>
    <path d="M196 210h8v86h-8z" fill="${dark}"/>
    <ellipse cx="200" cy="304" rx="58" ry="14" fill="${dark}"/>
    <path d="M128 210h144l34 92H94z" fill="#fff6d8" opacity=".45"/>`,
  lantern: (colour, dark) => `
    <path d="M164 142a36 44 0 0 1 72 0" fill="none" stroke="${dark}" stroke-width="8"/>
    <path d="M150 140h100l14 22H136z" fill="${dark}"/>
    <rect x="146" y="162" width="108" height="122" rx="10" fill="${colour}"/>
    <path d="M200 190c20 26 20 40 0 66c-20-26-20-40 0-66z" fill="#ffd98a"/>
    <rect x="136" y="284" width="128" height="22" rx="6" fill="${dark}"/>`,
  pendant: (colour, dark) => `
    <path d="M197 40h6v110h-6z" fill="${dark}"/>
    <path d="M110 236a90 90 0 0 1 180 0z" fill="${colour}"/>
    <ellipse cx="200" cy="238" rx="90" ry="14" fill="${dark}"/>
    <circle cx="200" cy="246" r="18" fill="#fff0c2"/>`,
  candle: (colour, dark) => `
    <path d="M200 96c20 26 20 40 0 60c-20-20-20-34 0-60z" fill="#ffc765"/>
    <path d="M197 150h6v24h-6z" fill="${dark}"/>
    <rect x="158" y="172" width="84" height="132" rx="8" fill="${colour}"/>
    <ellipse cx="200" cy="306" rx="74" ry="12" fill="${dark}" opacity=".35"/>`,
  jar: (colour, dark) => `
    <path d="M200 112c16 22 16 34 0 52c-16-18-16-30 0-52z" fill="#ffc765"/>
    <rect x="138" y="162" width="124" height="142" rx="18" fill="${colour}" opacity=".85"/>
    <rect x="138" y="196" width="124" height="108" rx="18" fill="${dark}" opacity=".55"/>
    <rect x="158" y="226" width="84" height="44" rx="4" fill="#fffaf0"/>
    <path d="M170 242h60M178 254h44" stroke="${dark}" stroke-width="4"/>`,
}

/** A square picture of the product on a quiet ground of its own hue. */
export function productImage({ look: { shape, hue } }: Product): string {
  const colour = `hsl(${hue} 42% 56%)`
  const dark = `hsl(${hue} 34% 24%)`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="800" height="800">
    <defs>
      <linearGradient id="ground" x1="0" y1="0" x2="0" y2="1">
        <stop offset="0" stop-color="hsl(${hue} 40% 95%)"/><stop offset="1" stop-color="hsl(${hue} 32% 86%)"/>
      </linearGradient>
    </defs>
    <rect width="400" height="400" fill="url(#ground)"/>
    <path d="M0 300c80-14 120 12 200 4s130-16 200-2v98H0z" fill="hsl(${hue} 26% 78%)"/>
    ${SHAPES[shape](colour, dark)}
  </svg>`
}
