package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
)

const create = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
<s:Header><fueloauth xmlns="http://exacttarget.com">%s</fueloauth></s:Header><s:Body>
<CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Options/><Objects i:type="TriggeredSend">
<TriggeredSendDefinition><CustomerKey>welcome</CustomerKey></TriggeredSendDefinition>
<Subscribers><SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress></Subscribers>
</Objects></CreateRequest></s:Body></s:Envelope>`

func main() {
	var token struct {
		AccessToken string `json:"access_token"`
		SoapURL     string `json:"soap_instance_url"`
	}
	asked := url.Values{"grant_type": {"client_credentials"}, "client_id": {os.Getenv("SFMC_CLIENT_ID")},
		"client_secret": {os.Getenv("SFMC_CLIENT_SECRET")}}
	answer, err := http.PostForm("https://"+os.Getenv("SFMC_TENANT")+".auth.marketingcloudapis.com/v2/token", asked)
	if err != nil {
		panic(err)
	}
	json.NewDecoder(answer.Body).Decode(&token)
	call, _ := http.NewRequest("POST", token.SoapURL+"Service.asmx", strings.NewReader(fmt.Sprintf(create, token.AccessToken)))
	call.Header.Set("SOAPAction", "Create")
	call.Header.Set("Content-Type", "text/xml")
	answer, err = http.DefaultClient.Do(call)
	if err != nil {
		panic(err)
	}
	text, _ := io.ReadAll(answer.Body)
	fmt.Println(regexp.MustCompile("<OverallStatus>(.*?)</OverallStatus>").FindStringSubmatch(string(text))[1])
}
