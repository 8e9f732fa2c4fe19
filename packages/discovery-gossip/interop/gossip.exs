# What libcluster's Gossip strategy does on the wire, with Erlang's own term_to_binary, binary_to_term and crypto:
# elixir --name elixir@127.0.0.1 gossip.exs <group> <port> [secret]
[group, port | secret] = System.argv()
{:ok, group} = :inet.parse_address(String.to_charlist(group))
port = String.to_integer(port)
key = with [secret] <- secret, do: :crypto.hash(:sha256, secret)
loopback = {127, 0, 0, 1}

{:ok, socket} =
  :gen_udp.open(port, [
    :binary,
    active: true,
    ip: {0, 0, 0, 0},
    reuseaddr: true,
    multicast_if: loopback,
    multicast_loop: true,
    multicast_ttl: 1,
    add_membership: {group, loopback}
  ])

seal = fn plain ->
  if is_binary(key) do
    iv = :crypto.strong_rand_bytes(16)
    iv <> :crypto.crypto_one_time(:aes_256_cbc, key, iv, plain, encrypt: true, padding: :pkcs_padding)
  else
    plain
  end
end

open = fn
  <<iv::binary-size(16), rest::binary>> when is_binary(key) ->
    :crypto.crypto_one_time(:aes_256_cbc, key, iv, rest, encrypt: false, padding: :pkcs_padding)

  plain ->
    plain
end

say = fn -> :gen_udp.send(socket, group, port, seal.("heartbeat::" <> :erlang.term_to_binary(%{node: node()}))) end

loop = fn loop, seen ->
  receive do
    {:udp, ^socket, _, _, packet} ->
      "heartbeat::" <> term = open.(packet)
      %{node: name} = :erlang.binary_to_term(term)

      if name == node() or name in seen do
        loop.(loop, seen)
      else
        # As libcluster does: a node of another kind is not reached, and nothing else happens.
        IO.puts("heard #{name}, connected: #{inspect(Node.connect(name))}")
        loop.(loop, [name | seen])
      end
  after
    200 ->
      say.()
      loop.(loop, seen)
  end
end

say.()
IO.puts("on OTP #{System.otp_release()}")
loop.(loop, [])
