#include "consensus/authoring/inherents.hpp"

namespace stipple::authoring {

InherentData inherent_data(const InherentInputs& inputs) {
    InherentData data;
    data.put("timstap0", inputs.now.value);
    data.put("babeslot", inputs.slot);
    Bytes parachains{0, 0, 0};  // no bitfields, no backed candidates, no disputes
    encode_to(parachains, inputs.parent);
    data.values[inherent_id("parachn0")] = inputs.parachains.value_or(std::move(parachains));
    data.put("finalnum", inputs.finalized);
    data.values[inherent_id("newheads")] = Bytes{0};  // no attested candidates
    return data;
}

}  // namespace stipple::authoring
