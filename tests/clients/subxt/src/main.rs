//! What people do with subxt: connect, decode the metadata, read every storage item, a transfer with
//! tip and mortal era, batch, multisig, proxy, events, refusals by their types, a runtime upgrade.
//!
//!     stipple-subxt-client ws://127.0.0.1:9944 [next_runtime.wasm]
//!
//! Without the file of the next runtime the chain may be any relay chain with //Alice's money: then
//! only storage, transfer, events and refusals are looked at. Prints OK and ends with 0 when all of
//! it was right.
use subxt::config::DefaultExtrinsicParamsBuilder as Params;
use subxt::dynamic::{tx, Value};
use subxt::error::{DispatchError, TransactionEventsError, TransactionFinalizedSuccessError};
use subxt::ext::codec::{Compact, Decode, Encode};
use subxt::ext::frame_metadata::{v16::RuntimeMetadataV16, RuntimeMetadata, RuntimeMetadataPrefixed};
use subxt::ext::scale_value::{At, Composite};
use subxt::transactions::{DynamicPayload, TransactionInvalid, ValidationResult};
use subxt::{OnlineClient, PolkadotConfig};
use subxt_signer::sr25519::{dev, Keypair};

type Failure = Box<dyn std::error::Error>;
type Client = OnlineClient<PolkadotConfig>;
type Call = DynamicPayload<Composite<()>>;

const UNIT: u128 = 1_000_000_000_000;

fn call(pallet: &str, name: &str, fields: Vec<(&str, Value)>) -> Call {
    tx(pallet, name, Composite::named(fields))
}
fn id(who: &Keypair) -> Value {
    Value::unnamed_variant("Id", [Value::from_bytes(who.public_key().0)])
}
fn none() -> Value {
    Value::unnamed_variant("None", [])
}
fn pay(to: Value, amount: u128) -> Call {
    call("Balances", "transfer_keep_alive", vec![("dest", to), ("value", Value::u128(amount))])
}
fn remark() -> Call {
    call("System", "remark", vec![("remark", Value::from_bytes([1u8]))])
}
fn expect(good: bool, what: &str) -> Result<(), Failure> {
    if good { Ok(()) } else { Err(what.to_string().into()) }
}

/// Sends, waits until it is final; the names of its events, as Pallet.Event.
async fn send(client: &Client, call: &Call, who: &Keypair, params: Params<PolkadotConfig>)
    -> Result<Vec<(String, Composite<()>)>, Failure> {
    let events = client.tx().await?
        .sign_and_submit_then_watch(call, who, params.build()).await?
        .wait_for_finalized_success().await?;
    let mut found = Vec::new();
    for event in events.iter() {
        let event = event?;
        let fields = event.decode_fields_unchecked_as::<Composite<()>>()?;
        found.push((format!("{}.{}", event.pallet_name(), event.event_name()), fields));
    }
    Ok(found)
}
async fn sent(client: &Client, call: &Call, who: &Keypair) -> Result<Vec<(String, Composite<()>)>, Failure> {
    send(client, call, who, Params::new()).await
}
fn has(events: &[(String, Composite<()>)], name: &str) -> Result<Composite<()>, Failure> {
    let found = events.iter().find(|(one, _)| one == name);
    found.map(|(_, fields)| fields.clone()).ok_or_else(|| {
        format!("no {name} among {:?}", events.iter().map(|(one, _)| one).collect::<Vec<_>>()).into()
    })
}

/// Why a dispatch failed, as Pallet.Error or the kind of the error.
fn dispatch_reason(failure: &Failure) -> String {
    match failure.downcast_ref::<TransactionFinalizedSuccessError>() {
        Some(TransactionFinalizedSuccessError::SuccessError(TransactionEventsError::ExtrinsicFailed(why))) => match why {
            DispatchError::Module(error) => error.details_string(),
            other => format!("{other:?}"),
        },
        _ => failure.to_string(),
    }
}
async fn refused(client: &Client, call: &Call, who: &Keypair) -> String {
    match sent(client, call, who).await {
        Ok(_) => "nothing went wrong".into(),
        Err(failure) => dispatch_reason(&failure),
    }
}

/// Everything that the metadata names has a type that resolves; constants decode.
async fn decode_metadata(client: &Client) -> Result<String, Failure> {
    let at = client.at_current_block().await?;
    let (mut constants, mut variants, mut methods) = (0, 0, 0);
    for pallet in at.metadata_ref().pallets() {
        for constant in pallet.constants() {
            at.constants().entry(subxt::dynamic::constant::<Value>(pallet.name(), constant.name()))
                .map_err(|e| format!("{}.{}: {e}", pallet.name(), constant.name()))?;
            constants += 1;
        }
        for all in [pallet.call_variants(), pallet.event_variants(), pallet.error_variants()].into_iter().flatten() {
            for field in all.iter().flat_map(|one| one.fields.iter()) {
                expect(at.metadata_ref().types().resolve(field.ty.id).is_some(), "a field without a type")?;
            }
            variants += all.len();
        }
    }
    for api in at.metadata_ref().runtime_api_traits() {
        methods += api.methods().len();
    }
    Ok(format!("{constants} constants, {variants} calls, events and errors, {methods} runtime calls"))
}

async fn read_storage(client: &Client) -> Result<String, Failure> {
    let at = client.at_current_block().await?;
    let storage = at.storage();
    let (mut items, mut values) = (0, 0);
    for entry in storage.entries() {
        items += 1;
        let name = format!("{}.{}", entry.pallet_name(), entry.entry_name());
        let entry = entry.entry()?;
        if entry.is_plain() {
            if let Some(value) = entry.try_fetch(vec![]).await.map_err(|e| format!("{name}: {e}"))? {
                value.decode_as::<Value>().map_err(|e| format!("{name}: {e}"))?;
                values += 1;
            }
            continue;
        }
        let mut all = entry.iter(Vec::<Value>::new()).await.map_err(|e| format!("{name}: {e}"))?;
        while let Some(pair) = all.next().await {
            let pair = pair.map_err(|e| format!("{name}: {e}"))?;
            pair.key()?;
            pair.value().decode_as::<Value>().map_err(|e| format!("{name}: {e}"))?;
            values += 1;
        }
    }
    Ok(format!("{items} storage items, {values} values"))
}

async fn transfer(client: &Client) -> Result<(), Failure> {
    let params = Params::new().tip(UNIT / 10).mortal(64);
    let mut blocks = client.stream_blocks().await?;
    let events = send(client, &pay(id(&dev::bob()), UNIT), &dev::alice(), params).await?;
    let paid = has(&events, "TransactionPayment.TransactionFeePaid")?;
    expect(paid.at("tip").and_then(Value::as_u128) == Some(UNIT / 10), "another tip")?;
    let moved = has(&events, "Balances.Transfer")?;
    expect(moved.at("amount").and_then(Value::as_u128) == Some(UNIT), "another amount")?;
    // The same event as somebody sees it who follows the chain.
    for _ in 0..40 {
        let block = blocks.next().await.ok_or("no more blocks")??;
        let all = block.at().await?.events().fetch().await?;
        for event in all.iter() {
            let event = event?;
            if (event.pallet_name(), event.event_name()) == ("Balances", "Transfer") {
                return Ok(());
            }
        }
    }
    Err("the transfer was not among the events of the blocks".into())
}

async fn refusals(client: &Client, ours: bool) -> Result<(), Failure> {
    let alice = dev::alice();
    // More than Alice has, less than there is.
    let at = client.at_current_block().await?;
    let account = at.storage().fetch(subxt::dynamic::storage::<([u8; 32],), Value>("System", "Account"),
        (alice.public_key().0,)).await?.decode()?;
    let free = account.at("data").at("free").and_then(Value::as_u128).ok_or("no balance of Alice")?;
    let too_much = refused(client, &pay(id(&dev::bob()), free + UNIT), &alice).await;
    expect(too_much.contains("FundsUnavailable"), &too_much)?;
    let stale = client.tx().await?.create_signed(&remark(), &alice, Params::new().nonce(0).build()).await?;
    expect(stale.validate().await? == ValidationResult::Invalid(TransactionInvalid::Stale), "a used nonce")?;
    let text = stale.submit().await.err().map(|e| e.to_string()).unwrap_or_default();
    println!("a used nonce: {text}");
    expect(!text.is_empty(), "a used nonce was taken")?;
    let nobody = Keypair::from_uri(&"//Nobody".parse()?)?;
    let poor = client.tx().await?.create_signed(&remark(), &nobody, Params::new().build()).await?;
    expect(poor.validate().await? == ValidationResult::Invalid(TransactionInvalid::Payment), "a poor account")?;
    // The bytes of a good one, changed behind the signature: another call, then an unknown one.
    let good = client.tx().await?.create_signed(&remark(), &alice, Params::new().build()).await?;
    let last = good.encoded().len() - 1;
    let changed = |place: usize, value: u8| {
        let mut bytes = good.encoded().to_vec();
        bytes[place] = value;
        bytes
    };
    let verdict = client.tx().await?.from_bytes(changed(last, 9)).validate().await?;
    expect(verdict == ValidationResult::Invalid(TransactionInvalid::BadProof), &format!("{verdict:?}"))?;
    let unknown = client.tx().await?.from_bytes(changed(last - 3, 200));
    expect(unknown.submit().await.is_err(), "an unknown call was taken")?;
    if ours {
        // Real runtimes trap over such bytes, and this client waits for ever for a call that failed.
        let verdict = unknown.validate().await?;
        expect(verdict == ValidationResult::Invalid(TransactionInvalid::Call), &format!("{verdict:?}"))?;
    }
    // An era that is over when the transaction comes: its period counts again from a block that is not there yet, or
    // from one that was not signed.
    let old = client.tx().await?.create_signed(&remark(), &alice, Params::new().mortal(4).build()).await?;
    let mut blocks = client.stream_blocks().await?;
    for _ in 0..6 {
        blocks.next().await.ok_or("no more blocks")??;
    }
    let verdict = client.tx().await?.from_bytes(old.encoded().to_vec()).validate().await?;
    expect(matches!(verdict, ValidationResult::Invalid(TransactionInvalid::AncientBirthBlock | TransactionInvalid::BadProof)),
        &format!("{verdict:?}"))
}

async fn batches(client: &Client) -> Result<(), Failure> {
    let alice = dev::alice();
    let share = || pay(id(&dev::charlie()), UNIT).into_value();
    let too_much = || pay(id(&dev::charlie()), 10u128.pow(30)).into_value();
    let batch = |name: &str, calls: Vec<Value>| {
        call("Utility", name, vec![("calls", Value::unnamed_composite(calls))])
    };
    has(&sent(client, &batch("batch_all", vec![share(), share()]), &alice).await?, "Utility.BatchCompleted")?;
    let cut = sent(client, &batch("batch", vec![share(), too_much(), share()]), &alice).await?;
    expect(has(&cut, "Utility.BatchInterrupted")?.at("index").and_then(Value::as_u128) == Some(1), "another index")?;
    let forced = sent(client, &batch("force_batch", vec![too_much(), share()]), &alice).await?;
    has(&forced, "Utility.BatchCompletedWithErrors").map(|_| ())
}

async fn multisig(client: &Client) -> Result<(), Failure> {
    // One signature of two is enough here: the address of the shared account needs no derivation.
    let shared = call("Multisig", "as_multi_threshold_1", vec![
        ("other_signatories", Value::unnamed_composite([Value::from_bytes(dev::bob().public_key().0)])),
        ("call", remark().into_value()),
    ]);
    sent(client, &shared, &dev::alice()).await?;
    let (low, high) = if dev::alice().public_key().0 < dev::charlie().public_key().0 {
        (dev::alice(), dev::charlie())
    } else {
        (dev::charlie(), dev::alice())
    };
    let multi = |other: &Keypair, when: Value| call("Multisig", "as_multi", vec![
        ("threshold", Value::u128(2)),
        ("other_signatories", Value::unnamed_composite([Value::from_bytes(other.public_key().0)])),
        ("maybe_timepoint", when),
        ("call", remark().into_value()),
        ("max_weight", Value::named_composite([("ref_time", Value::u128(10_000_000_000)), ("proof_size", Value::u128(100_000))])),
    ]);
    let begun = client.tx().await?
        .sign_and_submit_then_watch(&multi(&high, none()), &low, Params::new().build()).await?
        .wait_for_finalized().await?;
    let events = begun.wait_for_success().await?;
    let number = client.at_block(begun.block_hash()).await?.block_number();
    let when = Value::unnamed_variant("Some", [Value::named_composite([
        ("height", Value::u128(number.into())), ("index", Value::u128(events.extrinsic_index() as u128))])]);
    has(&sent(client, &multi(&low, when), &high).await?, "Multisig.MultisigExecuted").map(|_| ())
}

async fn proxy(client: &Client) -> Result<(), Failure> {
    let add = call("Proxy", "add_proxy", vec![("delegate", id(&dev::bob())),
        ("proxy_type", Value::unnamed_variant("Any", [])), ("delay", Value::u128(0))]);
    sent(client, &add, &dev::dave()).await?;
    let act = |real: &Keypair| call("Proxy", "proxy", vec![("real", id(real)), ("force_proxy_type", none()),
        ("call", remark().into_value())]);
    has(&sent(client, &act(&dev::dave()), &dev::bob()).await?, "Proxy.ProxyExecuted")?;
    let stranger = refused(client, &act(&dev::alice()), &dev::bob()).await;
    expect(stranger.contains("NotProxy"), &stranger)?;
    let not_sudo = refused(client, &call("Sudo", "sudo", vec![("call", remark().into_value())]), &dev::bob()).await;
    expect(not_sudo.contains("RequireSudo"), &not_sudo)
}

/// Adds version 1 of the extensions, which is not listed (docs/adr/0010): VerifyMultiSignature in front of the others.
fn list_verifying_extensions(metadata: &mut RuntimeMetadataV16) -> Result<(), Failure> {
    let extrinsic = &mut metadata.extrinsic;
    let account = metadata.types.types.iter()
        .find(|one| one.ty.path.segments.last().is_some_and(|name| name == "AccountId32")).ok_or("no accounts")?.id;
    let next = metadata.types.types.len() as u32;
    let field = |name, of| (Some(name), Compact(of), None::<String>, Vec::<String>::new());
    let signed = vec![field("signature", extrinsic.signature_ty.id), field("account", account)];
    let cases = vec![("Signed", signed, 0u8, Vec::<String>::new()), ("Disabled", vec![], 1u8, vec![])];
    let path = vec!["pallet_verify_signature", "extension", "VerifySignature"];
    const VARIANT: u8 = 1;
    let described = (Compact(next), path, Vec::<u8>::new(), VARIANT, cases, Vec::<String>::new()).encode();
    metadata.types.types.push(Decode::decode(&mut &described[..])?);

    let unit = extrinsic.transaction_extensions[0].implicit.id;
    let extension = ("VerifyMultiSignature", Compact(next), Compact(unit)).encode();
    let mut order = vec![Compact(extrinsic.transaction_extensions.len() as u32)];
    order.extend(extrinsic.transaction_extensions_by_version.get(&0).ok_or("no version 0")?);
    extrinsic.transaction_extensions.push(Decode::decode(&mut &extension[..])?);
    expect(extrinsic.transaction_extensions_by_version.insert(1, order).is_none(), "version 1 is listed")
}

/// A transaction of format 5, as this client encodes and signs it.
async fn general(url: &str, plain: &Client) -> Result<(), Failure> {
    let at = plain.at_current_block().await?;
    let raw = at.runtime_apis().call_raw("Metadata_metadata_at_version", Some(&16u32.encode())).await?;
    let bytes = Option::<Vec<u8>>::decode(&mut &raw[..])?.ok_or("no metadata V16")?;
    let RuntimeMetadataPrefixed(_, RuntimeMetadata::V16(mut metadata)) = Decode::decode(&mut &bytes[..])? else {
        return Err("not V16".into());
    };
    list_verifying_extensions(&mut metadata)?;
    let metadata = subxt::Metadata::try_from(metadata)?.arc();
    let config = PolkadotConfig::builder().set_metadata_for_spec_versions([(at.spec_version(), metadata)]).build();
    let client = Client::from_insecure_url_with_config(config, url).await?;
    let (alice, bob) = (dev::alice(), dev::bob());
    let call = pay(id(&bob), UNIT);
    let account = alice.public_key().to_account_id();
    let mut made = client.tx().await?.create_v5_signable(&call, &account, Params::new().tip(UNIT / 10).mortal(64).build()).await?;
    let forged = made.sign_with_account_and_signature(&account, &subxt::utils::MultiSignature::Sr25519([1; 64]))?;
    let verdict = forged.validate().await?;
    expect(verdict == ValidationResult::Invalid(TransactionInvalid::BadProof), &format!("{verdict:?}"))?;
    let good = made.sign(&alice)?;
    expect(good.encoded()[..] != forged.encoded()[..], "the same bytes")?;
    let hash = good.submit_and_watch().await?.wait_for_finalized().await?.block_hash();
    // Read by the client that knows of no other version than 0.
    let events = plain.at_block(hash).await?.events().fetch().await?;
    for event in events.iter() {
        let event = event?;
        if (event.pallet_name(), event.event_name()) == ("TransactionPayment", "TransactionFeePaid") {
            let paid = event.decode_fields_unchecked_as::<Composite<()>>()?;
            return expect(paid.at("tip").and_then(Value::as_u128) == Some(UNIT / 10), "another tip");
        }
    }
    Err("the general transaction did not run".into())
}

async fn upgrade(client: &Client, code: Vec<u8>) -> Result<(), Failure> {
    let before = client.at_current_block().await?.spec_version();
    let set = call("System", "set_code_without_checks", vec![("code", Value::from_bytes(code))]);
    let events = sent(client, &call("Sudo", "sudo", vec![("call", set.into_value())]), &dev::alice()).await?;
    has(&events, "System.CodeUpdated")?;
    let mut blocks = client.stream_blocks().await?;
    for _ in 0..20 {
        let block = blocks.next().await.ok_or("no more blocks")??;
        if block.at().await?.spec_version() == before + 1 {
            transfer(client).await?;
            println!("upgraded to {}; {}; {}", before + 1, decode_metadata(client).await?, read_storage(client).await?);
            return Ok(());
        }
    }
    Err("the next version did not come".into())
}

async fn everything(url: &str, next_runtime: Option<String>) -> Result<(), Failure> {
    let client = Client::from_insecure_url(url).await?;
    println!("connected, genesis {:?}", client.genesis_hash());
    println!("{}", decode_metadata(&client).await?);
    println!("{}", read_storage(&client).await?);
    transfer(&client).await?;
    println!("transfer with tip and era");
    refusals(&client, next_runtime.is_some()).await?;
    println!("refusals");
    if let Some(path) = next_runtime {
        batches(&client).await?;
        multisig(&client).await?;
        proxy(&client).await?;
        println!("batch, multisig, proxy");
        general(url, &client).await?;
        println!("general transaction");
        upgrade(&client, std::fs::read(path)?).await?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "ws://127.0.0.1:9944".into());
    let work = everything(&url, arguments.next());
    match tokio::time::timeout(std::time::Duration::from_secs(600), work).await {
        Ok(Ok(())) => println!("OK"),
        Ok(Err(failure)) => {
            eprintln!("FAILED: {failure}\n{failure:?}");
            std::process::exit(1);
        }
        Err(_) => {
            eprintln!("FAILED: not done in time");
            std::process::exit(1);
        }
    }
}
