// Handlers of the routes, a file each; src/serve/routes/table.cpp has the table.
#pragma once

#include "serve/api.h"

namespace valence::serve {

// info.cpp
void handle_health(Api& api, const CallPtr& call);
void handle_live(Api& api, const CallPtr& call);
void handle_info(Api& api, const CallPtr& call);
void handle_model_list(Api& api, const CallPtr& call);
void handle_version(Api& api, const CallPtr& call);
void handle_metrics(Api& api, const CallPtr& call);
void handle_openapi(Api& api, const CallPtr& call);

// kserve.cpp
void handle_v2_server(Api& api, const CallPtr& call);
void handle_v2_model(Api& api, const CallPtr& call);
void handle_v2_config(Api& api, const CallPtr& call);
void handle_v2_model_ready(Api& api, const CallPtr& call);
void handle_v2_index(Api& api, const CallPtr& call);

// tokenize.cpp
void handle_tokenize(Api& api, const CallPtr& call);

// admin.cpp
void handle_admin_list(Api& api, const CallPtr& call);
void handle_admin_load(Api& api, const CallPtr& call);
void handle_admin_drop(Api& api, const CallPtr& call);

// ui.cpp
void handle_front(Api& api, const CallPtr& call);
void handle_ui_file(Api& api, const CallPtr& call);
void handle_ui_setup(Api& api, const CallPtr& call);

// explain.cpp
void handle_explain(Api& api, const CallPtr& call);

// live.cpp: of what --store keeps
void handle_live_state(Api& api, const CallPtr& call);
void handle_live_rows(Api& api, const CallPtr& call);
void stream_live_export(Api& api, const CallPtr& call, HttpStream& stream);

// trends.cpp
void stream_trends(Api& api, const CallPtr& call, HttpStream& stream);
void handle_live_trends(Api& api, const CallPtr& call);

// bulk.cpp
void stream_bulk(Api& api, const CallPtr& call, HttpStream& stream);

// The model that the path or, where it is empty, nobody names. Throws RequestError(kUnknownModel).
ModelPtr need_model(Api& api, const std::string& name);

}  // namespace valence::serve
