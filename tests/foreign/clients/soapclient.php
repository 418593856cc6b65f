<?php
$client = new SoapClient(getenv('SFMC_WSDL_URL'), ['cache_wsdl' => WSDL_CACHE_NONE]);
$asked = ['grant_type' => 'client_credentials', 'client_id' => getenv('SFMC_CLIENT_ID'), 'client_secret' => getenv('SFMC_CLIENT_SECRET')];
$post = ['method' => 'POST', 'header' => 'Content-Type: application/json', 'content' => json_encode($asked)];
$token = json_decode(file_get_contents(getenv('SFMC_AUTH_URL') . '/v2/token', false, stream_context_create(['http' => $post])))->access_token;
$client->__setSoapHeaders(new SoapHeader('http://exacttarget.com', 'fueloauth', $token));
$ada = ['SubscriberKey' => 'ada', 'EmailAddress' => 'ada@mock.test'];
$send = ['TriggeredSendDefinition' => ['CustomerKey' => 'welcome'], 'Subscribers' => [$ada]];
$object = new SoapVar($send, SOAP_ENC_OBJECT, 'TriggeredSend', 'http://exacttarget.com/wsdl/partnerAPI');
$sent = $client->Create(['Options' => new stdClass(), 'Objects' => [$object]]);
$request = ['ObjectType' => 'SentEvent', 'Properties' => ['SubscriberKey', 'SendID']];
$found = $client->Retrieve(['RetrieveRequest' => $request]);
echo $sent->OverallStatus, ' ', $found->Results->SubscriberKey, "\n";
