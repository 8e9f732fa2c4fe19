import * as Flag from "effect/cli/Flag"

/** The flags of commands that watch a cluster from outside. */
export const flags = {
  via: Flag.String("via").pipe(
    Flag.withDescription(
      "A node to ask instead of those that a configuration finds: HOST:PORT, or an address such as tls://HOST:PORT"
    ),
    Flag.optional
  ),
  cluster: Flag.String("cluster").pipe(Flag.withDescription("With --via: the name of the cluster"), Flag.optional),
  cookieFile: Flag.File("cookie-file").pipe(
    Flag.withDescription(
      "With --via: the file with the cookie. Default: GC_COOKIE, GC_COOKIE_FILE, or else ~/.gc.cookie"
    ),
    Flag.optional
  ),
  security: Flag.Literals("security", ["psk", "plain"]).pipe(
    Flag.withDescription("With --via: how streams are secured. Default: psk"),
    Flag.optional
  )
}
