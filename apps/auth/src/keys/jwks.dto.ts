/** A public key in JWK form. */
export class JwkDto {
  kty: string;
  crv: string;
  x: string;
  kid: string;
  alg: string;
  use: string;
}

/** The keys that access tokens may be verified with. */
export class JwksDto {
  keys: JwkDto[];
}
