/* Signatures and VRFs over Curve25519 (bridge/src/crypto.rs). One C++ caller each: src/crypto.
 *
 * Every function returns 1 for yes and 0 for no; malformed keys and signatures are a no. Pointers hold
 * the bytes the comments name, for the length of the call; nothing is kept but keys. A pointer to no
 * bytes may be null. All functions may be called from any thread, and with one key from several.
 */
#ifndef STIPPLE_BRIDGE_CRYPTO_H
#define STIPPLE_BRIDGE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const uint8_t* signature; /* 64 */
    const uint8_t* public_key; /* 32 */
    const uint8_t* message;
    size_t message_size;
} StippleBridgeClaim;

typedef struct {
    const uint8_t* label; /* at most 64 bytes; beyond the protocol's own, 64 different ones in the
                             life of a process */
    size_t label_size;
    const uint8_t* data;
    size_t data_size;
} StippleBridgeItem;

typedef struct {
    const uint8_t* label;
    size_t label_size;
    const StippleBridgeItem* items;
    size_t item_count;
} StippleBridgeTranscript;

/* Fills `out` from the operating system. */
uint8_t stipple_bridge_random(uint8_t* out, size_t size);

/* Secret keys, each beside its public half. They last until they are forgotten, which wipes them. */
typedef struct StippleBridgeEd25519Key StippleBridgeEd25519Key;
typedef struct StippleBridgeSr25519Key StippleBridgeSr25519Key;

/* seed 32, public 32, signature 64; a key is null when making it failed */
StippleBridgeEd25519Key* stipple_bridge_ed25519_key(const uint8_t* seed, uint8_t* public_key);
void stipple_bridge_ed25519_forget(StippleBridgeEd25519Key* key);
uint8_t stipple_bridge_ed25519_sign(const StippleBridgeEd25519Key* key, const uint8_t* message,
                                    size_t message_size, uint8_t* signature);
uint8_t stipple_bridge_ed25519_verify(const StippleBridgeClaim* claim);
uint8_t stipple_bridge_ed25519_verify_batch(const StippleBridgeClaim* claims, size_t count);

/* seed 32, public 32, chain code 32, signature 64; `hedged` 0: the nonce depends on secret and
   message alone */
StippleBridgeSr25519Key* stipple_bridge_sr25519_key(const uint8_t* seed, uint8_t* public_key);
void stipple_bridge_sr25519_forget(StippleBridgeSr25519Key* key);
StippleBridgeSr25519Key* stipple_bridge_sr25519_derive(const StippleBridgeSr25519Key* key,
                                                       const uint8_t* chain_code, uint8_t hard,
                                                       uint8_t* public_key);
uint8_t stipple_bridge_sr25519_derive_public(const uint8_t* public_key, const uint8_t* chain_code,
                                             uint8_t* out_public);
uint8_t stipple_bridge_sr25519_sign(const StippleBridgeSr25519Key* key, const uint8_t* message,
                                    size_t message_size, uint8_t hedged, uint8_t* signature);
uint8_t stipple_bridge_sr25519_verify(const StippleBridgeClaim* claim);
uint8_t stipple_bridge_sr25519_verify_deprecated(const StippleBridgeClaim* claim);
uint8_t stipple_bridge_sr25519_verify_batch(const StippleBridgeClaim* claims, size_t count);

/* pre-output 32, proof 64, in_out 64; `extra` may be null */
uint8_t stipple_bridge_vrf_sign(const StippleBridgeSr25519Key* key, const StippleBridgeTranscript* about,
                                const StippleBridgeTranscript* extra, uint8_t hedged,
                                uint8_t* pre_output, uint8_t* proof, uint8_t* in_out);
uint8_t stipple_bridge_vrf_in_out(const StippleBridgeSr25519Key* key,
                                  const StippleBridgeTranscript* about,
                                  uint8_t* in_out);
uint8_t stipple_bridge_vrf_verify(const uint8_t* public_key, const StippleBridgeTranscript* about,
                                  const StippleBridgeTranscript* extra, const uint8_t* pre_output,
                                  const uint8_t* proof, uint8_t* in_out);
uint8_t stipple_bridge_vrf_make_bytes(const uint8_t* in_out, const uint8_t* context,
                                      size_t context_size, uint8_t* out, size_t out_size);

#ifdef __cplusplus
}
#endif

#endif
